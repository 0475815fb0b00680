package spelling

import (
	"encoding/json"
	"errors"
	"strings"
)

// JSON words what the decoder says of a text, without the types of Go that it
// was to fill.
func JSON(err error) string {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		return "the field " + wrong.Field + " cannot be a " + wrong.Value
	}
	return strings.TrimPrefix(err.Error(), "json: ")
}
