// Package picture draws pictures anew that somebody sent.
//
// Guarantees: what comes out holds nothing of the file but its pixels: no place where
// it was taken, no camera, no comment, and no other file in its tail. PNG, JPEG and
// GIF are decoded and written anew, turned as their EXIF says; of a WebP, which the
// standard library does not read, all but the chunks with pixels are left out. A
// picture that would need more memory than it may is refused by its header.
//
// Never does: trusting a name or a type that came with a file.
//
// Personal data held: none.
package picture
