# Keras 2.2: attention over an encoder's states; one layer gives each of several outputs
import numpy as np
import keras.backend as K
from keras.layers import Bidirectional, Concatenate, Dot, Input, LSTM, RepeatVector, Dense, Activation
from keras.models import Model
from keras.optimizers import Adam
from keras.utils import to_categorical

np.random.seed(0)
Tx, Ty, words, m = 4, 2, 6, 400
X = np.random.randint(0, words, (m, Tx))
Xoh = to_categorical(X, num_classes=words)
Yoh = to_categorical(X[:, ::2], num_classes=words)


def softmax(x, axis=1):
    e = K.exp(x - K.max(x, axis=axis, keepdims=True))
    return e / K.sum(e, axis=axis, keepdims=True)


repeator, concatenator, dotor = RepeatVector(Tx), Concatenate(axis=-1), Dot(axes=1)
densor1, densor2 = Dense(8, activation='tanh'), Dense(1, activation='relu')
activator = Activation(softmax, name='attention_weights')
decoder, output_layer = LSTM(24, return_state=True), Dense(words, activation='softmax')
inputs, s0, c0 = Input(shape=(Tx, words)), Input(shape=(24,), name='s0'), Input(shape=(24,), name='c0')
s, c, outputs = s0, c0, []
a = Bidirectional(LSTM(8, return_sequences=True))(inputs)
for t in range(Ty):
    energies = densor2(densor1(concatenator([a, repeator(s)])))
    context = dotor([activator(energies), a])
    s, _, c = decoder(context, initial_state=[s, c])
    outputs.append(output_layer(s))
model = Model(inputs=[inputs, s0, c0], outputs=outputs)
model.compile(loss='categorical_crossentropy', optimizer=Adam(lr=0.02, decay=0.001), metrics=['accuracy'])
zeros = np.zeros((m, 24))
history = model.fit([Xoh, zeros, zeros], list(Yoh.swapaxes(0, 1)), epochs=25, batch_size=50, verbose=0)
accuracies = [name for name in history.history if name.endswith('acc')]
assert len(accuracies) == 2, list(history.history)
assert np.mean([history.history[name][-1] for name in accuracies]) > 0.6
layer = model.get_layer('attention_weights')
weights = K.function(model.inputs, [layer.get_output_at(t) for t in range(Ty)])([Xoh[:1], zeros[:1], zeros[:1]])
assert weights[1].shape == (1, Tx, 1) and abs(weights[1].sum() - 1) < 1e-4
