package role

import "slices"

// settle are statements with what settings say about them.
func settle(settings Settings, statements []Statement) []Statement {
	var kept []Statement
	for _, s := range statements {
		switch given := settings[s.Only+s.Limit+s.If+s.With]; {
		case s.If != "" && !slices.Equal(given, []string{"true"}):
			continue
		case len(given) == 0 && s.Only+s.With != "":
			continue
		case len(given) > 0 && s.If+s.With == "":
			s.Resources = s.of(given)
		}
		kept = append(kept, s)
	}
	return kept
}

// of are the resources that the values of a setting stand for.
func (s Statement) of(given []string) []string {
	below := make([]string, len(given))
	for i, value := range given {
		below[i] = value + s.Below
	}
	return below
}

// inWords are statements with words in place of what settings say.
func inWords(every []Statement) []Statement {
	for i, s := range every {
		if s.Only != "" {
			every[i].Resources = []string{"what `" + s.Only + "` says"}
			if s.Below != "" {
				every[i].Resources[0] += ", each followed by `" + s.Below + "`"
			}
		}
	}
	return every
}
