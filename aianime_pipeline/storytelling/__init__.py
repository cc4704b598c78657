"""Story with a language model: prose into a screenplay, who everybody is and looks like, scenes into shots.

Pure but for the one callable that is asked (`answers.AskText`): whoever gives it pays, records and keeps the budget.
"""
