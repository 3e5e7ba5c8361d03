"""Telling everyone: who is connected, what they are told once it is stored, and what is seen through at a kiosk."""
