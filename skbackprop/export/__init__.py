"""Fitted networks for use without this package."""

from ._onnx import register_converters, to_onnx

__all__ = ["register_converters", "to_onnx"]
