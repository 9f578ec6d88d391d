# Keras 2.0: what a filter looks for: gradient ascent with K.gradients and K.function
import numpy as np
from keras import backend as K
from keras.models import Sequential
from keras.layers import Conv2D, MaxPooling2D, Flatten, Dense

np.random.seed(0)
model = Sequential([Conv2D(6, (3, 3), activation='relu', input_shape=(16, 16, 3), name='block1'),
                    MaxPooling2D((2, 2)), Conv2D(6, (3, 3), activation='elu', name='block2'), Flatten(), Dense(4)])
K.set_learning_phase(0)
input_img = model.input
layer_dict = dict([(layer.name, layer) for layer in model.layers])


def normalize(x):
    return x / (K.sqrt(K.mean(K.square(x))) + K.epsilon())


for filter_index in range(3):
    layer_output = layer_dict['block2'].output
    loss = K.mean(layer_output[:, :, :, filter_index])
    grads = K.gradients(loss, input_img)[0]
    grads = normalize(grads)
    iterate = K.function([input_img], [loss, grads])
    input_img_data = (np.random.random((1, 16, 16, 3)) - 0.5) * 0.2 + 0.5
    first, _ = iterate([input_img_data])
    for _ in range(20):
        loss_value, grads_value = iterate([input_img_data])
        input_img_data += grads_value * 0.5
    assert loss_value > first, (first, loss_value)
    assert grads_value.shape == (1, 16, 16, 3)
# numbers agree with finite differences
eps, at = 1e-2, (0, 5, 5, 1)
base = np.random.random((1, 16, 16, 3)).astype('float32')
f = K.function([input_img], [K.sum(model.output[:, 1]), K.gradients(K.sum(model.output[:, 1]), input_img)[0]])
up, down = base.copy(), base.copy()
up[at] += eps
down[at] -= eps
assert abs((f([up])[0] - f([down])[0]) / (2 * eps) - f([base])[1][at]) < 1e-3
