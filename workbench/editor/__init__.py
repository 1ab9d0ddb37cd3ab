"""The editor: canvas, palette and inspector of one document."""
