# Keras 1.2 kernel of its year: scikit-learn, pandas, NumPy, SciPy and matplotlib by the names they had
# needs: tabular/boston_housing.csv
import time
import numpy as np
import pandas as pd
from sklearn.cross_validation import train_test_split, StratifiedKFold
from sklearn.externals import joblib
from sklearn.preprocessing import Imputer, OneHotEncoder
from sklearn.datasets import load_boston
from scipy.misc import imresize
import matplotlib.pyplot as plt
plt.style.use('seaborn-whitegrid')
from keras.models import Sequential
from keras.layers.core import Dense

start = time.clock()
boston = load_boston()
frame = pd.DataFrame(boston.data, columns=boston.feature_names)
frame['kind'] = np.where(boston.target > 21, 'dear', 'cheap')
frame = frame.append(frame[:4], ignore_index=True)
assert len(frame) == 510
frame.ix[0, 'RM'] = np.nan
frame['RM'] = Imputer().fit_transform(frame[['RM']]).ravel()
names = [name for name, column in frame.iteritems() if name != 'kind']
x = frame[names].as_matrix().astype(np.float)
x = (x - x.mean(axis=0)) / x.std(axis=0)
y = (frame['kind'].values[:, np.newaxis] == 'dear').astype(np.int).ravel()
assert OneHotEncoder(sparse=False).fit_transform(frame[['kind']]).shape == (510, 2)
x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.2, random_state=0)
model = Sequential()
model.add(Dense(16, input_dim=13, init='uniform', activation='relu'))
model.add(Dense(1, init='uniform', activation='sigmoid'))
model.compile(loss='binary_crossentropy', optimizer='adam', metrics=['accuracy'])
history = model.fit(x_train, y_train, nb_epoch=30, batch_size=16, verbose=0, validation_split=0.1)
assert list(pd.DataFrame(history.history).columns) == ['acc', 'loss', 'val_acc', 'val_loss']
predicted = model.predict_classes(x_test).ravel()
assert np.mean(predicted == y_test) > 0.8
assert [len(train) + len(test) for train, test in StratifiedKFold(y, n_folds=3)] == [510] * 3
assert imresize(np.random.rand(10, 12, 3), 0.5).shape == (5, 6, 3)
joblib.dump({'weights': model.get_weights()}, 'model.pkl')
assert len(joblib.load('model.pkl')['weights']) == 4
assert np.product([2, 3]) == 6 and time.clock() >= start
