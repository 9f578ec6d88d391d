# Keras 2.2: a siamese network: shared layers, Lambda distance, contrastive loss
import numpy as np
from keras.models import Model, Sequential
from keras.layers import Input, Lambda, Dense, Dropout, Flatten
from keras.optimizers import RMSprop
from keras import backend as K
from sklearn.datasets import load_digits

np.random.seed(0)


def euclidean_distance(vects):
    x, y = vects
    return K.sqrt(K.maximum(K.sum(K.square(x - y), axis=1, keepdims=True), K.epsilon()))


def eucl_dist_output_shape(shapes):
    shape1, shape2 = shapes
    return (shape1[0], 1)


def contrastive_loss(y_true, y_pred):
    margin = 1
    y_true = K.cast(y_true, y_pred.dtype)
    return K.mean(y_true * K.square(y_pred) + (1 - y_true) * K.square(K.maximum(margin - y_pred, 0)))


def accuracy(y_true, y_pred):
    return K.mean(K.equal(y_true, K.cast(y_pred < 0.5, y_true.dtype)))


digits = load_digits()
x, t = (digits.images / 16.).astype('float32'), digits.target
rng = np.random.RandomState(0)
i, j = rng.randint(0, 1500, (2, 4000))
same = rng.rand(4000) < 0.5
for n in np.where(same)[0]:
    j[n] = rng.choice(np.where(t[:1500] == t[i[n]])[0])
y = (t[i] == t[j]).astype('float32')
base = Sequential([Flatten(input_shape=(8, 8)), Dense(48, activation='relu'), Dropout(0.1), Dense(24, activation='relu')])
a, b = Input(shape=(8, 8)), Input(shape=(8, 8))
distance = Lambda(euclidean_distance, output_shape=eucl_dist_output_shape)([base(a), base(b)])
model = Model([a, b], distance)
model.compile(loss=contrastive_loss, optimizer=RMSprop(), metrics=[accuracy])
hist = model.fit([x[i], x[j]], y, batch_size=128, epochs=12, verbose=0)
assert hist.history['accuracy'][-1] > 0.85, hist.history['accuracy']
