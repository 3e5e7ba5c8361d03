"""Who asks, and what they may: people sign in, devices are admitted, and one table says who may do what."""
