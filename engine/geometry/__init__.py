"""The shape of a cell: cables, morphologies from SWC files, and their compartments."""

from engine.geometry.compartments import Compartments as Compartments
from engine.geometry.compartments import straight as straight
from engine.geometry.morphology import Morphology as Morphology
from engine.geometry.swc import load_swc as load_swc
