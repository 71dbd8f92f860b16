// Package content takes the content of streams to where it is read: files of a
// folder with an index, the bodies of HTTP messages, matches of a regular
// expression. Names of files cannot lead out of their folder, the number of open
// files and the memory of buffers are bounded, and a file that cannot be written
// costs no other one.
package content
