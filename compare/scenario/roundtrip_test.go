package scenario

import (
	"reflect"
	"testing"
)

// checkRoundTrip says that what String prints is the same script for Parse.
func checkRoundTrip(t *testing.T, f *File) {
	t.Helper()
	printed := f.String()
	again, err := Parse(f.Name, []byte(printed))
	if err != nil {
		t.Fatalf("what was printed does not parse: %v\n%s", err, printed)
	}
	dropPos(reflect.ValueOf(f))
	dropPos(reflect.ValueOf(again))
	if !reflect.DeepEqual(f, again) {
		t.Fatalf("not the same after printing:\n%s\nbut\n%s", printed, again.String())
	}
}

// dropPos clears every Pos below v.
func dropPos(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			dropPos(v.Elem())
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		for i := range v.Len() {
			dropPos(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.Type() == reflect.TypeFor[Pos]() {
				f.SetZero()
			} else {
				dropPos(f)
			}
		}
	}
}
