"""The steps of planning a storyboard, one subject a module; `storyboard.planner` puts them together."""
