// Package tui is the full screen of pkt top: it draws the latest result of a
// ranking and puts the questions of whoever looks at it to the run behind it.
//
// The run goes on in a goroutine of its own. What it finds comes through a Feed,
// of which the screen takes the latest update only, so that a slow terminal never
// holds up a capture; what the screen wants goes to a Worker. Cells, bars, graphs
// and tables are drawn by package output.
package tui
