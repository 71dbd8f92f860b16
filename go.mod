module pkt

go 1.26
