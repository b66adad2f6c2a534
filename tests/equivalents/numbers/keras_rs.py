from tests.equivalents.number import Number
from tests.equivalents.numbers.ranking import GRADES, ORDERS, SCORES


def theirs(name, **arguments):
    def value(y_true, y_pred):
        import keras_rs

        loss = getattr(keras_rs.losses, name)(**arguments)
        return loss(y_true.astype("float32"), y_pred.astype("float32"))

    return value


NAMES = ("PairwiseHingeLoss", "PairwiseLogisticLoss", "PairwiseSoftZeroOneLoss")

NUMBERS = {
    **{
        name: [
            Number(theirs(name), GRADES, SCORES),
            Number(theirs(name, temperature=0.5), GRADES, SCORES, {"temperature": 0.5}),
        ]
        for name in NAMES
    },
    "PairwiseMeanSquaredError": [Number(theirs("PairwiseMeanSquaredError"), GRADES, SCORES)],
    "ListMLELoss": [
        Number(theirs("ListMLELoss"), ORDERS, SCORES),
        Number(theirs("ListMLELoss", temperature=2.0), ORDERS, SCORES, {"temperature": 2.0}),
    ],
}
