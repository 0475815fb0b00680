package capture

// ReadAtOnce is Read with pieces of another length.
var ReadAtOnce = read
