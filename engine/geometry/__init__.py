"""The shape of a cell, from cables and SWC files, and where the members of a population are."""

from engine.geometry.compartments import Compartments as Compartments
from engine.geometry.compartments import straight as straight
from engine.geometry.morphology import Morphology as Morphology
from engine.geometry.space import Space as Space
from engine.geometry.swc import load_swc as load_swc
