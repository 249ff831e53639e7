package provider

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/cfn"

	"example.com/sharedbucket/internal/share"
)

// metricsOf are the metrics that a measurement makes, each by its name and dimensions: CloudWatch bills them so.
func metricsOf(t *testing.T, measured any) map[string]bool {
	t.Helper()
	text, err := json.Marshal(measured)
	must(t, err)
	var root map[string]any
	must(t, json.Unmarshal(text, &root))
	var meta struct {
		AWS emfMetadata `json:"_aws"`
	}
	must(t, json.Unmarshal(text, &meta))
	all := map[string]bool{}
	for _, d := range meta.AWS.CloudWatchMetrics {
		for _, set := range d.Dimensions {
			for _, m := range d.Metrics {
				name := m.Name
				for _, dimension := range set {
					name += fmt.Sprint(" ", root[dimension])
				}
				all[name] = true
			}
		}
	}
	return all
}

// docs/cost.md counts the metrics that a provider may write.
func TestCostCountsTheMetrics(t *testing.T) {
	page, err := os.ReadFile("../../docs/cost.md")
	must(t, err)
	_, h := newHandling(t.Context(), atObserve, nil)
	count := func(resources []string, requests []cfn.RequestType) int {
		all := metricsOf(t, lookMeasurement{AWS: emfMetadata{CloudWatchMetrics: []emfDirective{lookDirective}}})
		for _, resource := range resources {
			for _, request := range requests {
				e := cfn.Event{ResourceType: resource, RequestType: request}
				maps.Copy(all, metricsOf(t, h.measure(e, time.Time{}, false)))
			}
		}
		return len(all)
	}
	resources := []string{share.BucketType, share.AccessType}
	requests := []cfn.RequestType{cfn.RequestCreate, cfn.RequestUpdate, cfn.RequestDelete}
	real := count(resources, requests)
	madeUp := count(append(resources, "Custom::Mine", "Custom::Other"), append(requests, "Look", "Destroy")) - real
	for _, want := range []string{
		fmt.Sprintf("0.30 for each of %d: %d metrics", real, len(directive.Metrics)),
		fmt.Sprintf("for each of %d types with %d requests", len(resources), len(requests)),
		fmt.Sprintf("%d of the daily look", len(lookDirective.Metrics)), fmt.Sprintf("could add %d more", madeUp),
	} {
		if !strings.Contains(string(page), want) {
			t.Errorf("docs/cost.md lacks %q", want)
		}
	}
}
