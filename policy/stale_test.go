package policy

import (
	"slices"
	"testing"
)

func TestStale(t *testing.T) {
	const role, user = "AROAEXAMPLEEXAMPLE123", "AIDAEXAMPLEEXAMPLE123"
	for _, c := range []struct {
		name, statements string
		want             []Stale
	}{
		{name: "an ARN", statements: `{"Principal":{"AWS":"arn:aws:iam::222222222222:role/AROAEXAMPLEEXAMPLE123"}}`},
		{name: "everybody", statements: `{"Principal":"*"}`},
		{name: "a service of that name", statements: `{"Principal":{"Service":"` + role + `"}}`},
		{name: "an access key is nobody's id", statements: `{"Principal":{"AWS":"AKIAEXAMPLEEXAMPLE123"}}`},
		{name: "no principal, no statement", statements: `{"Effect":"Allow"},7,null`},
		{
			name:       "a deleted role, with a Sid",
			statements: `{"Sid":"Backup","Principal":{"AWS":"` + role + `"}}`,
			want:       []Stale{{Statement: `"Backup"`, ID: role}},
		},
		{
			name:       "a deleted user in a list of the second statement",
			statements: `{"Sid":"A","Principal":"*"},{"NotPrincipal":{"AWS":["222222222222","` + user + `"]}}`,
			want:       []Stale{{Statement: "number 2", ID: user}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := ReadStored(document(c.statements))
			if err != nil {
				t.Fatal(err)
			}
			if got := d.Stale(); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}
