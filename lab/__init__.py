"""The lab breaks real things on purpose and looks whether the promises hold. It may use every room; no room uses it."""
