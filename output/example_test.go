package output_test

import (
	"os"

	"pkt/field"
	"pkt/output"
)

func ExamplePrinter() {
	record := output.Record{Type: "top", Columns: []output.Column{
		{Field: field.Field{Name: "port", Kind: field.Port}, Path: "key.port", Key: true},
		{Field: field.Field{Name: "bytes", Kind: field.Uint, Unit: field.Bytes}},
	}}
	for _, f := range []output.Format{output.Table, output.NDJSON} {
		p := output.New(os.Stdout, f, output.Options{})
		w, err := p.Records(record)
		if err != nil {
			panic(err)
		}
		_ = w.Row(output.Item, []output.Value{
			{Has: true, Cell: field.FromPort(6, 443)}, {Has: true, Cell: field.Cell{Lo: 36901000}},
		})
		_ = w.Row(output.Total, []output.Value{{Text: []byte("total")}, {Has: true, Cell: field.Cell{Lo: 36901000}}})
		_ = w.Close() // errors of the destination stay: Close returns them again
		if err := p.Close(); err != nil {
			panic(err)
		}
	}
	// Output:
	// PORT       BYTES
	// 443/tcp  36.9 MB
	// total    36.9 MB
	// {"type":"top","key":{"proto":"tcp","port":443},"bytes":36901000}
}
