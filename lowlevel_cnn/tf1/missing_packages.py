"""Tell which package a program needs that is not installed."""

from __future__ import annotations

from lowlevel_cnn.tf1 import tracebacks

# Packages that such programs use, by the names of their modules, where those are others.
_PACKAGES = {
    "absl": "absl-py",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "PIL": "pillow",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
    **{
        name: name
        for name in (
            "h5py",
            "imageio",
            "IPython",
            "matplotlib",
            "pandas",
            "prettytable",
            "requests",
            "scipy",
            "seaborn",
            "six",
            "tensorboard",
            "termcolor",
            "tqdm",
        )
    },
}


def remark(error: BaseException) -> str:
    """What to say of an import that failed in the reader's code; nothing of other errors."""
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return ""
    where, name = tracebacks.place(error), error.name.partition(".")[0]
    if not where or name != error.name:
        return ""
    if name in _PACKAGES:
        return f"{where}: the package {_PACKAGES[name]} is not installed; pip install {_PACKAGES[name]}"
    return f"{where}: no module named {name!r}; it is missing beside the script, or it is of a package to be installed"
