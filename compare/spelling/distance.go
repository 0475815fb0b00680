// Package spelling words what is wrong with what somebody wrote: how far a
// mistyped name is from one that exists, and what a decoder complains of.
package spelling

// Distance is how many octets have to be put in, taken out or exchanged to
// make b of a.
func Distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
