package feed

import (
	"encoding/json"
	"strings"
	"testing"
)

// shop is a source that is paid for.
type shop struct{ upstream }

func (*shop) Spent() Spending { return Spending{Posts: 3, Budget: 10, Dollars: 0.015} }

// TestSpending stands in the status of those that spend.
func TestSpending(t *testing.T) {
	r := NewRouter(&Options{Receiver: nobody{}, Sources: []Source{&shop{upstream{name: "shop"}}, &upstream{name: "free"}}})
	all := r.Sources()
	if all[0].Spent == nil || all[0].Spent.Posts != 3 || all[1].Spent != nil {
		t.Errorf("%+v", all)
	}
	text, err := json.Marshal(all)
	if err != nil || strings.Count(string(text), `"spent":{"posts":3,"budget":10,"dollars":0.015,"renews"`) != 1 {
		t.Errorf("%s, %v", text, err)
	}
}
