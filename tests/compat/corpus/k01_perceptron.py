# Keras 1.0: a perceptron and logic gates, history plots by 'acc'
import numpy as np
from keras.models import Sequential
from keras.layers.core import Dense, Activation
from keras.optimizers import SGD, Adagrad
import matplotlib
matplotlib.use('Agg')
import matplotlib.pyplot as plt

np.random.seed(0)
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
for name, y in (('and', [0, 0, 0, 1]), ('or', [0, 1, 1, 1])):
    model = Sequential([Dense(1, input_dim=2, init='uniform'), Activation('sigmoid')])
    model.compile(loss='binary_crossentropy', optimizer=SGD(lr=0.5), metrics=['accuracy'])
    hist = model.fit(X, np.array(y), nb_epoch=400, batch_size=1, verbose=0)
    assert model.predict_classes(X, verbose=0).ravel().tolist() == y, name
    plt.plot(hist.history['acc'])
plt.savefig('perceptron.png')
xor = Sequential()
xor.add(Dense(8, input_dim=2, init='normal', activation='tanh'))
xor.add(Dense(1, activation='sigmoid'))
xor.compile(loss='mse', optimizer=Adagrad(lr=0.5, epsilon=1e-8))
xor.fit(X, np.array([0, 1, 1, 0]), nb_epoch=500, batch_size=4, verbose=0)
assert np.round(xor.predict(X, verbose=0)).ravel().tolist() == [0, 1, 1, 0], xor.predict(X, verbose=0)
W, b = xor.layers[0].get_weights()
assert W.shape == (2, 8) and b.shape == (8,)
assert xor.layers[0].W.shape == (2, 8)
