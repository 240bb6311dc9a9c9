"""MNIST as in the Keras program of the same chapter: a Sequential model in the style of Keras 2."""
import sys

import keras
from keras.layers import Conv2D, Dense, Flatten, MaxPooling2D, Reshape
from keras.models import Sequential
from keras.optimizers import SGD
from tensorflow.examples.tutorials.mnist import input_data

mnist = input_data.read_data_sets("datasets/mnist", one_hot=True)
n_epochs = int(sys.argv[1]) if len(sys.argv) > 1 else 10

model = Sequential()
model.add(Reshape(target_shape=(28, 28, 1), input_shape=(784,)))
model.add(Conv2D(filters=32, kernel_size=4, padding="SAME", activation="relu"))
model.add(MaxPooling2D(pool_size=(2, 2), strides=(2, 2)))
model.add(Conv2D(filters=64, kernel_size=4, padding="SAME", activation="relu"))
model.add(MaxPooling2D(pool_size=(2, 2), strides=(2, 2)))
model.add(Flatten())
model.add(Dense(units=1024, activation="relu"))
model.add(Dense(units=10, activation="softmax"))
model.summary()
model.compile(loss="categorical_crossentropy", optimizer=SGD(lr=0.01), metrics=["accuracy"])
model.fit(mnist.train.images, mnist.train.labels, batch_size=100, epochs=n_epochs)
score = model.evaluate(mnist.test.images, mnist.test.labels)
print("\nTest loss:", score[0])
print("Test accuracy:", score[1])
