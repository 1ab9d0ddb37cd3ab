"""The CUDA backend: networks on an NVIDIA GPU, and the same source run by a C++ compiler's code."""
