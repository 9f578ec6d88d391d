# Keras 1.2: Model(input=, output=), merge(..., mode='concat'), nb_epoch, output_dim
import numpy as np
from keras.engine import Input, Model
from keras.engine.topology import merge
from keras.layers import Dense, Dropout
from keras.regularizers import l2, WeightRegularizer
from keras.constraints import maxnorm
from sklearn.datasets import load_wine

np.random.seed(0)
wine = load_wine()
x = (wine.data - wine.data.mean(0)) / wine.data.std(0)
y = np.eye(3)[wine.target]
a = Input(shape=(6,), name='chemistry')
b = Input(shape=(7,), name='colour')
h1 = Dense(output_dim=16, activation='relu', W_regularizer=l2(1e-4), W_constraint=maxnorm(3))(a)
h2 = Dense(16, activation='relu', init='he_normal', b_regularizer=l2(1e-4))(b)
joined = merge([h1, h2], mode='concat', concat_axis=1)
summed = merge([h1, h2], mode='sum')
product = merge([h1, h2], mode='mul')
means = merge([summed, product], mode='ave')
z = merge([joined, means], mode='concat')
z = Dropout(p=0.1)(z)
out = Dense(3, activation='softmax', name='out')(z)
model = Model(input=[a, b], output=out)
model.compile('adam', 'categorical_crossentropy', metrics=['accuracy'])
model.fit({'chemistry': x[:, :6], 'colour': x[:, 6:]}, {'out': y}, nb_epoch=40, batch_size=16, verbose=0)
loss, acc = model.evaluate([x[:, :6], x[:, 6:]], y, verbose=0)
assert acc > 0.95, acc
assert model.metrics_names == ['loss', 'acc'] or model.metrics_names == ['loss', 'accuracy']
cosine = Model(input=[a, b], output=merge([h1, h2], mode='cos', dot_axes=1))
assert np.all(np.abs(cosine.predict([x[:, :6], x[:, 6:]], verbose=0)) <= 1.001)
