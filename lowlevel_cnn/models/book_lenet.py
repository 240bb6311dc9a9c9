"""The book's network with the settings of its companion code. The layers are in `mnist_inference`."""

from lowlevel_cnn import mnist_inference
from lowlevel_cnn.models import Model

MODEL = Model(
    name="book-lenet",
    title="the book's LeNet-5-like network",
    source="《TensorFlow:实战Google深度学习框架》 chapter 6; 深入浅出TensorFlow(四)",
    dataset="mnist",
    image_shape=(mnist_inference.IMAGE_SIZE, mnist_inference.IMAGE_SIZE, mnist_inference.NUM_CHANNELS),
    inference=mnist_inference.inference,
    parameters=1_663_370,
    batch_size=100,
    learning_rate_base=0.01,
    learning_rate_decay=0.99,
    regularization_rate=0.0001,
    moving_average_decay=0.99,
    training_steps=30_000,
    reported_accuracy=0.994,
    remark="lower than reported: at its companion code's settings the accuracy is still rising after 30,000 steps; "
    "`book-lenet-fast` reaches the article's figure with the same network",
)
