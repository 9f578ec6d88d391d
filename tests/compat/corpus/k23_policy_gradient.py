# Keras 2.3: reinforcement-learning style: optimizer.get_updates and K.function with updates
import numpy as np
from keras import backend as K
from keras.layers import Input, Dense
from keras.models import Model
from keras.optimizers import Adam

np.random.seed(0)
state = Input(shape=(2,))
policy = Dense(2, activation='softmax')(Dense(16, activation='relu')(state))
model = Model(inputs=state, outputs=policy)
action_onehot = K.placeholder(shape=(None, 2), name='action_onehot')
advantage = K.placeholder(shape=(None,), name='advantage')
action_prob = K.sum(model.output * action_onehot, axis=1)
loss = -K.mean(K.log(action_prob + 1e-8) * advantage)
adam = Adam(lr=0.02)
updates = adam.get_updates(params=model.trainable_weights, loss=loss)
train_fn = K.function(inputs=[model.input, action_onehot, advantage], outputs=[loss], updates=updates)
# the right action is 1 where the first number is larger
for _ in range(60):
    s = np.random.randn(64, 2)
    p = model.predict(s, verbose=0)
    a = (np.random.rand(64) < p[:, 1]).astype(int)
    reward = np.where(a == (s[:, 0] > s[:, 1]), 1., -1.)
    train_fn([s, np.eye(2)[a], reward])
s = np.random.randn(500, 2)
right = (model.predict(s, verbose=0).argmax(1) == (s[:, 0] > s[:, 1])).mean()
assert right > 0.85, right
# learning phase as an input, values of variables
v = K.variable(np.eye(2), name='a/b')
K.set_value(v, 2 * np.eye(2))
assert K.eval(K.sum(v)) == 4.0 and K.get_value(v).shape == (2, 2)
phase = K.learning_phase()
out = K.function([model.input, phase], [K.in_train_phase(model.output, model.output)])([s[:3], 1])[0]
assert out.shape == (3, 2)
