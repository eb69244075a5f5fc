<?xml version="1.0" encoding="UTF-8"?>
<StyledLayerDescriptor xmlns="http://www.opengis.net/sld" xmlns:ogc="http://www.opengis.net/ogc" version="1.0.0">
  <NamedLayer>
    <Name>percentile</Name>
    <UserStyle>
      <Title>Percentile: share of the training area with a lower score</Title>
      <FeatureTypeStyle>
        <Rule>
          <RasterSymbolizer>
            <ColorMap type="ramp">
              <ColorMapEntry color="#ffffff" quantity="-9999" opacity="0" label="no data"/>
              <ColorMapEntry color="#440154" quantity="0" label="0"/>
              <ColorMapEntry color="#472c7c" quantity="12.5" label="12.5"/>
              <ColorMapEntry color="#3b528b" quantity="25" label="25"/>
              <ColorMapEntry color="#2c728e" quantity="37.5" label="37.5"/>
              <ColorMapEntry color="#21908d" quantity="50" label="50"/>
              <ColorMapEntry color="#28ae80" quantity="62.5" label="62.5"/>
              <ColorMapEntry color="#5dc963" quantity="75" label="75"/>
              <ColorMapEntry color="#abdc32" quantity="87.5" label="87.5"/>
              <ColorMapEntry color="#fde725" quantity="100" label="100"/>
            </ColorMap>
          </RasterSymbolizer>
        </Rule>
      </FeatureTypeStyle>
    </UserStyle>
  </NamedLayer>
</StyledLayerDescriptor>
