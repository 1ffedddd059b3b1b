package picture

import (
	"bytes"
	"encoding/binary"
)

// orientation gives how a JPEG is turned, by its EXIF: 1 to 8, as in its tag
// Orientation; 1 where it says nothing.
func orientation(file []byte) int {
	rest := file[min(2, len(file)):] // after the marker of the beginning
	for len(rest) >= 4 && rest[0] == 0xff {
		kind, size := rest[1], int(binary.BigEndian.Uint16(rest[2:]))
		if kind == 0xda || size < 2 || len(rest) < 2+size { // the pixels begin
			return 1
		}
		if body := rest[4 : 2+size]; kind == 0xe1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
			return orientationTag(body[6:])
		}
		rest = rest[2+size:]
	}
	return 1
}

// orientationTag reads the tag out of a TIFF directory.
func orientationTag(tiff []byte) int {
	var order binary.ByteOrder = binary.BigEndian
	switch {
	case len(tiff) < 8:
		return 1
	case string(tiff[:2]) == "II":
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 1
	}
	entries := int(order.Uint16(tiff[at:]))
	for rest := tiff[at+2:]; entries > 0 && len(rest) >= 12; entries-- {
		if order.Uint16(rest) == 0x0112 && order.Uint16(rest[2:]) == 3 {
			return int(order.Uint16(rest[8:]))
		}
		rest = rest[12:]
	}
	return 1
}
