package main

import (
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"

	"pkt/capture"
	"pkt/capture/afpacket"
)

// printInterfaces prints a line for each interface that can be captured from, as
// tcpdump -D does, with the link type of its frames and its addresses.
func printInterfaces(w io.Writer) error {
	all, err := listInterfaces()
	if err != nil {
		return err
	}
	var text strings.Builder
	for n, i := range all {
		var words []string
		if i.Up {
			words = append(words, "Up")
		} else {
			words = append(words, "Down")
		}
		if i.Loopback {
			words = append(words, "Loopback")
		}
		fmt.Fprintf(&text, "%d.%s [%s] %s", n+1, i.Name, strings.Join(words, ", "), capture.LinkName(i.Link))
		if i.Name == afpacket.Any {
			text.WriteString(" all interfaces, those to come included")
		} else if addrs := addressesOf(i.Name); len(addrs) > 0 {
			text.WriteString(" " + strings.Join(addrs, ", "))
		}
		text.WriteByte('\n')
	}
	_, err = io.WriteString(w, text.String())
	return err
}

// addressesOf returns the addresses of an interface with their networks.
func addressesOf(name string) (text []string) {
	i, err := net.InterfaceByName(name)
	if err != nil {
		return nil // it has just vanished
	}
	addrs, err := i.Addrs()
	if err != nil {
		return nil
	}
	for _, a := range addrs {
		text = append(text, a.String())
	}
	return text
}

// printLinks prints the link types that frames of the interfaces can have, as
// tcpdump -L does.
func (l *liveFlags) printLinks(w io.Writer) error {
	if err := l.choose(); err != nil {
		return err
	}
	all, err := listInterfaces()
	if err != nil {
		return err
	}
	for _, name := range l.ifaces {
		found := false
		for _, i := range all {
			if i.Name != name {
				continue
			}
			found = true
			text := fmt.Sprintf("Data link types for %s (use option -y to set):\n", name)
			for _, link := range i.Links() {
				text += fmt.Sprintf("  %s (%s)\n", capture.LinkName(link), capture.LinkDoc(link))
			}
			if _, err := io.WriteString(w, text); err != nil {
				return err
			}
		}
		if !found {
			return openError(&afpacket.Error{Interface: name, Err: afpacket.ErrNoInterface})
		}
	}
	return nil
}

// choose names the interface of the default route where none is named, and
// replaces numbers as pkt dump -D prints them by names.
func (l *liveFlags) choose() error {
	if len(l.ifaces) == 0 {
		name, err := afpacket.DefaultInterface()
		if err != nil {
			return noDefault(err)
		}
		l.ifaces = []string{name}
	}
	for n, name := range l.ifaces {
		number, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		all, err := listInterfaces()
		if err != nil {
			return err
		}
		named := false
		for _, i := range all {
			named = named || i.Name == name
		}
		if !named && number > 0 && number <= len(all) {
			l.ifaces[n] = all[number-1].Name
		}
	}
	return nil
}
