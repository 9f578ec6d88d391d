# Keras 2.2: losses and metrics written with K.*, custom_objects, loss with arguments
import numpy as np
import keras.backend as K
from keras.models import Sequential, load_model
from keras.layers import Dense, Activation
from keras.utils.generic_utils import get_custom_objects
from sklearn.datasets import load_breast_cancer

np.random.seed(0)


def focal_loss(gamma=2., alpha=.5):
    def focal_loss_fixed(y_true, y_pred):
        eps = K.epsilon()
        y_pred = K.clip(y_pred, eps, 1. - eps)
        y_true = K.cast(y_true, K.floatx())
        pt = K.switch(K.equal(y_true, 1), y_pred, 1 - y_pred)
        return -K.mean(alpha * K.pow(1. - pt, gamma) * K.log(pt), axis=-1)
    return focal_loss_fixed


def recall(y_true, y_pred):
    y_true = K.cast(y_true, 'float32')
    true_positives = K.sum(K.round(K.clip(y_true * y_pred, 0, 1)))
    possible_positives = K.sum(K.round(K.clip(y_true, 0, 1)))
    return true_positives / (possible_positives + K.epsilon())


def dice_coef(y_true, y_pred, smooth=1):
    y_true_f, y_pred_f = K.flatten(K.cast(y_true, 'float32')), K.flatten(y_pred)
    intersection = K.sum(y_true_f * y_pred_f)
    return (2. * intersection + smooth) / (K.sum(y_true_f) + K.sum(y_pred_f) + smooth)


def swish_old(x):
    return x * K.sigmoid(x)


get_custom_objects().update({'swish_old': Activation(swish_old)})
data = load_breast_cancer()
x = (data.data - data.data.mean(0)) / data.data.std(0)
model = Sequential([Dense(16, input_shape=(30,), activation=swish_old), Dense(1, activation='sigmoid')])
model.compile(optimizer='adam', loss=focal_loss(gamma=1.5), metrics=['accuracy', recall, dice_coef])
hist = model.fit(x, data.target, epochs=15, batch_size=32, verbose=0)
assert hist.history['acc'][-1] > 0.93
assert hist.history['recall'][-1] > 0.9 and 0.5 < hist.history['dice_coef'][-1] <= 1
assert model.metrics_names == ['loss', 'accuracy', 'recall', 'dice_coef'] or 'recall' in model.metrics_names
model.save('focal.h5')
again = load_model('focal.h5', custom_objects={'focal_loss_fixed': focal_loss(), 'recall': recall,
                                               'dice_coef': dice_coef, 'swish_old': swish_old})
assert np.allclose(again.predict(x[:5], verbose=0), model.predict(x[:5], verbose=0), atol=1e-5)
