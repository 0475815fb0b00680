package rules

type Track struct{}
