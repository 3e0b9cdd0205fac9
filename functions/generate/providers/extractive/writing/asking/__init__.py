"""Questions by their kinds, and the answers to them: what several artifacts ask."""
