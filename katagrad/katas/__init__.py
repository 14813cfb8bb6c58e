"""The katas there are: where their files stand, what they promise, and the stubs derived from them."""
