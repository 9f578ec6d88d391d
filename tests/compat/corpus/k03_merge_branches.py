# Keras 0.3: two Sequential branches joined by Merge
import numpy as np
from keras.models import Sequential
from keras.layers.core import Dense, Merge
from sklearn.datasets import load_iris

np.random.seed(0)
iris = load_iris()
order = np.random.permutation(150)
x = iris.data[order].astype('float32')
x = (x - x.mean(0)) / x.std(0)
y = np.eye(3)[iris.target[order]]
left = Sequential()
left.add(Dense(8, input_dim=2, activation='relu'))
right = Sequential()
right.add(Dense(8, input_dim=2, activation='relu'))
model = Sequential()
model.add(Merge([left, right], mode='concat'))
model.add(Dense(3, activation='softmax'))
model.compile(loss='categorical_crossentropy', optimizer='adam', metrics=['accuracy'])
history = model.fit([x[:, :2], x[:, 2:]], y, nb_epoch=60, batch_size=10, verbose=0)
assert history.history['acc'][-1] > 0.9, history.history['acc'][-1]
assert model.predict([x[:, :2], x[:, 2:]], verbose=0).shape == (150, 3)
