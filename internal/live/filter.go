package live

import "bytes"

// filtered is a sink whose subscriber sees the data of events through a filter.
type filtered struct {
	Sink
	filter func(data []byte) []byte
}

var dataField = []byte("data: ")

// Write implements Sink.
func (f filtered) Write(frames []byte) error {
	out := make([]byte, 0, len(frames))
	for line := range bytes.Lines(frames) {
		if data, is := bytes.CutPrefix(line, dataField); is {
			out = append(append(out, dataField...), f.filter(data)...)
		} else {
			out = append(out, line...)
		}
	}
	return f.Sink.Write(out)
}
