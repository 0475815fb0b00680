package library

//go:generate go test -run TestListIsUpToDate . -args -update
