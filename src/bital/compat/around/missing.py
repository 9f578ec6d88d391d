"""What pip calls a library that a program imports and this Python has not."""

PIP = {
    "Bio": "biopython",
    "IPython": "ipython",
    "MySQLdb": "mysqlclient",
    "OpenGL": "PyOpenGL",
    "PIL": "pillow",
    "albumentations": "albumentations",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "fitz": "PyMuPDF",
    "git": "GitPython",
    "graphviz": "graphviz",
    "gym": "gymnasium",
    "imblearn": "imbalanced-learn",
    "konlpy": "konlpy",
    "librosa": "librosa",
    "mpl_toolkits": "matplotlib",
    "pydot": "pydot",
    "pydot_ng": "pydot",
    "pylab": "matplotlib",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "tensorflow_addons": "tensorflow-addons",
    "tensorflow_datasets": "tensorflow-datasets",
    "tensorflow_hub": "tensorflow-hub",
    "umap": "umap-learn",
    "yaml": "pyyaml",
}
"""by the name it is imported under"""


def advice(module: str) -> str:
    """Return how to get a module, as a sentence."""
    root = module.split(".", maxsplit=1)[0]
    name = PIP.get(root, root)
    called = f"; pip calls it {name}" if name != root else ""
    return f"This program needs {root}, which is not installed{called}. Run: pip install {name}"


def explain(error: ModuleNotFoundError) -> None:
    """Put the advice below an error's message, where its traceback shows it."""
    if error.name:
        error.add_note(advice(error.name))
