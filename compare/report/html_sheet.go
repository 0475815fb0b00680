package report

import "tcping-cmp/compare"

// sheetHead is what every page has that is not of one comparison.
type sheetHead struct {
	htmlShell
	Mark, Level, Name, Conclusion, Failure string
	Facts                                  []compare.Setting
}

// newSheet begins such a page. The script is for what has rows to look through.
func newSheet(mark, name, conclusion string, end Ending, rows int) sheetHead {
	name, script := printable(name), ""
	if rows > 0 {
		script = sheetScript
	}
	return sheetHead{
		htmlShell: newShell(mark+" "+name, sheetStyle, script),
		Mark:      mark, Level: levelOfMark(mark), Name: name, Conclusion: conclusion, Failure: printable(end.Message),
	}
}
