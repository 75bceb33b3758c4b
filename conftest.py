"""What pytest leaves out with an older scikit-learn."""

import sklearn
from sklearn.utils.fixes import parse_version

# importing it says that scikit-learn 1.9 is needed
collect_ignore = (
    []
    if parse_version(sklearn.__version__) >= parse_version("1.9")
    else ["skbackprop/callbacks.py"]
)
