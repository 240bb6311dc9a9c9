"""`tf.contrib.slim.utils`: the outputs of layers by the names of their scopes."""

from lowlevel_cnn.tf1.contrib_layers.scopes import convert_collection_to_dict

__all__ = ["convert_collection_to_dict"]
