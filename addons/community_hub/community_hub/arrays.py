"""The arrays that the hub's pure rooms take and return."""

import numpy as np
from numpy.typing import NDArray

type Whole = NDArray[np.int64]
type Flags = NDArray[np.bool_]
type Real = NDArray[np.float64]
