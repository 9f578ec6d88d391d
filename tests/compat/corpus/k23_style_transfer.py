# Keras 2.3: neural style transfer: placeholders, K.variable, input_tensor, gram matrices, Evaluator
import numpy as np
from keras import backend as K
from keras.models import Model
from keras.layers import Conv2D, Input, AveragePooling2D
from keras.applications import vgg16
from scipy.optimize import fmin_l_bfgs_b

np.random.seed(0)
img_nrows = img_ncols = 16
base_image = K.variable(np.random.rand(1, 16, 16, 3))
style_image = K.variable(np.random.rand(1, 16, 16, 3))
combination_image = K.placeholder((1, img_nrows, img_ncols, 3))
input_tensor = K.concatenate([base_image, style_image, combination_image], axis=0)
h = Conv2D(4, 3, padding='same', activation='relu', name='block1')(input_tensor)
h2 = Conv2D(4, 3, padding='same', activation='relu', name='block2')(h)


def gram_matrix(x):
    features = K.batch_flatten(K.permute_dimensions(x, (2, 0, 1)))
    return K.dot(features, K.transpose(features))


def style_loss(style, combination):
    S, C = gram_matrix(style), gram_matrix(combination)
    return K.sum(K.square(S - C)) / (4.0 * (3 ** 2) * ((img_nrows * img_ncols) ** 2))


def total_variation_loss(x):
    a = K.square(x[:, :img_nrows - 1, :img_ncols - 1, :] - x[:, 1:, :img_ncols - 1, :])
    b = K.square(x[:, :img_nrows - 1, :img_ncols - 1, :] - x[:, :img_nrows - 1, 1:, :])
    return K.sum(K.pow(a + b, 1.25))


loss = K.variable(0.0)
loss = loss + 0.025 * K.sum(K.square(h2[2, :, :, :] - h2[0, :, :, :]))
loss = loss + 1.0 * style_loss(h[1, :, :, :], h[2, :, :, :])
loss = loss + 1e-4 * total_variation_loss(combination_image)
grads = K.gradients(loss, combination_image)
outputs = [loss]
if isinstance(grads, (list, tuple)):
    outputs += grads
f_outputs = K.function([combination_image], outputs)


def eval_loss_and_grads(x):
    outs = f_outputs([x.reshape((1, img_nrows, img_ncols, 3))])
    return float(outs[0]), outs[1].flatten().astype('float64')


x = np.random.rand(16 * 16 * 3)
first = eval_loss_and_grads(x)[0]
x, min_val, info = fmin_l_bfgs_b(lambda v: eval_loss_and_grads(v)[0], x, fprime=lambda v: eval_loss_and_grads(v)[1], maxfun=20)
assert min_val < first * 0.5, (first, min_val)
