package spelling

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// JSON words what the decoder says of a text, without the types of Go that it
// was to fill.
func JSON(err error) string {
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong) && wrong.Field != "":
		return "the field " + wrong.Field + " cannot be a " + wrong.Value
	case errors.Is(err, io.EOF):
		return "there is nothing in it"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "it is cut off"
	}
	return strings.TrimPrefix(err.Error(), "json: ")
}
