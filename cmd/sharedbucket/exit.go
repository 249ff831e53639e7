package main

// exitError is an error with an exit code of its own; every other error exits with 1.
type exitError struct {
	code int
	text string
}

func (e exitError) Error() string { return e.text }
