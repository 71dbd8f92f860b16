package main

import (
	"slices"

	"github.com/spf13/cobra"

	"pkt/output"
	"pkt/stats"
)

// statsFormats are the formats of pkt stats: it has no rows.
var statsFormats = []string{"table", "json", "ndjson"}

func newStats(env *environment) *cobra.Command {
	var src sourceFlags
	var show displayFlags
	var noChecksums bool
	cmd := &cobra.Command{
		Use:   "stats [-i IFACE | -r FILE] [pcap-filter]",
		Short: "A capture on one page: rates, protocols, TCP health, talkers, damage",
		Long: "stats sums a capture up: what is in it, the rate over time, shares of protocols and sizes, how TCP\n" +
			"fared, wrong checksums (without those that network cards fill in), who talks most, and what is odd\n" +
			"or damaged. With -o json it is one record.",
		Example: "  pkt stats -r dump.pcap\n  pkt stats -r dump.pcap -o ndjson | jq .tcp",
		RunE: func(cmd *cobra.Command, words []string) error {
			if !slices.Contains(statsFormats, show.format) && show.format != "jsonl" {
				return oneOf("output", show.format, statsFormats...)
			}
			format, opt, err := show.options(env)
			if err != nil {
				return err
			}
			s, err := src.open(env, words, true)
			if err != nil {
				return err
			}
			survey := stats.NewSurvey(stats.SurveyConfig{Checksums: !noChecksums})
			s.meter.Add(survey)
			return s.end(s.run(cmd.Context(), func() error { return s.printSummary(survey.Summary(), format, opt) }))
		},
	}
	src.register(cmd.Flags())
	src.live.register(cmd.Flags(), false)
	src.registerWhere(cmd.Flags())
	src.registerFlow(cmd.Flags())
	show.register(cmd.Flags(), statsFormats...)
	show.registerUnits(cmd.Flags())
	cmd.Flags().BoolVar(&noChecksums, "no-checksums", false, "do not verify checksums, which takes longer than all else")
	complete(cmd, nil)
	completeWords(cmd, "output", statsFormats...)
	return cmd
}

// printSummary prints the page or the record.
func (s *session) printSummary(sum *stats.Summary, format output.Format, opt output.Options) error {
	for _, d := range s.source.Damage() {
		sum.Damage = append(sum.Damage, d.String())
	}
	if format.Text() {
		page := output.NewPage(s.env.stdout, opt)
		page.Summary(sum)
		return page.Flush()
	}
	record := output.AppendSummary(nil, sum, opt.Time)
	if format == output.JSON {
		record = append(append([]byte("[\n"), record...), "\n]"...)
	}
	_, err := s.env.stdout.Write(append(record, '\n'))
	return err
}
