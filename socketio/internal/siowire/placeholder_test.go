package siowire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
)

var placeholderVectors = []string{
	`["a",{"_placeholder":true,"num":0}]`,
	`["a",{"num":1,"_placeholder":true}]`,
	`["a", { "x" : [ 1 , { "num" : 2 , "extra" : {"y":[]} , "_placeholder" : true } ] } ]`,
	`[{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]`,
	`["a",{"_placeholder":false,"num":0}]`,
	`["a",{"_placeholder":1,"num":0}]`,
	`["a",{"_placeholder":"true","num":0}]`,
	`["a",{"_placeholder":[true],"num":0}]`,
	`["a",{"num":0}]`,
	`["_placeholder",true,"num",0]`,
	`{"_placeholder":true,"num":1}`,
	`["a",{"_placeholder":true,"num":1.0}]`,
	`["a",{"_placeholder":true,"num":1e0}]`,
	`["a",{"_placeholder":true,"num":-0}]`,
	`["a",{"_placeholder":true,"num":0.5}]`,
	`["a",{"_placeholder":true,"num":3}]`,
	`["a",{"_placeholder":true,"num":-1}]`,
	`["a",{"_placeholder":true,"num":"1"}]`,
	`["a",{"_placeholder":true,"num":[1]}]`,
	`["a",{"_placeholder":true,"num":1e400}]`,
	`["a",{"_placeholder":true}]`,
	`["a",{"_placeholder":true,"_placeholder":false,"num":0}]`,
	`["a",{"_placeholder":false,"_placeholder":true,"num":0}]`,
	`["a",{"_placeholder":true,"num":9,"num":0}]`,
	`["a",{"_placeholder":true,"num":0,"num":{}}]`,
	`["a",{"\u005fplaceholder":true,"n\u0075m":2}]`,
	`["a",{"_placeholder":true,"num":0,"in":{"_placeholder":true,"num":99}}]`,
	`["a",{"in":{"_placeholder":true,"num":1},"_placeholder":true,"num":0}]`,
	`["a",{"in":{"_placeholder":true,"num":1},"num":0}]`,
	`["{\"_placeholder\":true,\"num\":0}"]`,
	`[{"a":"_placeholder","b":true,"num":0}]`,
	`[{"a":{"_placeholder":true},"num":0}]`,
	`["a",{"num":{"_placeholder":true,"num":0}}]`,
}

func TestPlaceholdersAgreeWithOracle(t *testing.T) {
	for _, in := range placeholderVectors {
		checkPlaceholders(t, []byte(in), 3)
	}
}

func checkPlaceholders(t *testing.T, data []byte, count int) {
	t.Helper()
	want, wantErr := oracle(data, count)
	got, err := Placeholders(nil, data, count)
	if (err != nil) != wantErr {
		t.Fatalf("%s: error %v, want one: %v", data, err, wantErr)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) && err == nil {
		t.Fatalf("%s: got %v, want %v", data, got, want)
	}
}

// oracle finds the placeholders with the tokens of encoding/json and recursion.
func oracle(data []byte, count int) (found []Placeholder, bad bool) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	o := oracleWalk{dec: dec, data: data, count: count}
	o.value()
	for _, p := range o.found {
		bad = bad || p.Num < 0
	}
	return o.found, bad
}

type oracleWalk struct {
	dec   *json.Decoder
	data  []byte
	count int
	found []Placeholder
}

// value reads one value and returns it if it is a scalar.
func (o *oracleWalk) value() any {
	tok, err := o.dec.Token()
	if err != nil {
		return nil
	}
	switch tok {
	case json.Delim('['):
		for o.dec.More() {
			o.value()
		}
		o.dec.Token()
		return nil
	case json.Delim('{'):
		o.object()
		return nil
	}
	return tok
}

func (o *oracleWalk) object() {
	start, before := int(o.dec.InputOffset())-1, len(o.found)
	fields := map[any]any{}
	for o.dec.More() {
		k, _ := o.dec.Token()
		fields[k] = o.value()
	}
	o.dec.Token()
	if fields["_placeholder"] != true {
		return
	}
	num := -1
	if n, ok := fields["num"].(json.Number); ok {
		if f, err := n.Float64(); err == nil && f >= 0 && f < float64(o.count) && f == float64(int(f)) {
			num = int(f)
		}
	}
	o.found = append(o.found[:before], Placeholder{start, int(o.dec.InputOffset()), num})
}

func TestPlaceholdersKeepWhatWasThere(t *testing.T) {
	before := []Placeholder{{1, 2, 3}}
	got, err := Placeholders(before, []byte(`[{"_placeholder":true,"num":0}]`), 1)
	if err != nil || len(got) != 2 || got[0] != before[0] {
		t.Errorf("got %v, %v", got, err)
	}
	got, err = Placeholders(before, []byte(`[{"_placeholder":true,"num":1}]`), 1)
	if err == nil || len(got) != 1 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestAppendPlaceholder(t *testing.T) {
	if got := string(AppendPlaceholder([]byte("x"), 12)); got != `x{"_placeholder":true,"num":12}` {
		t.Error(got)
	}
}
