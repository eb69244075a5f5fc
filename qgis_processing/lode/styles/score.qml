<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.16-Białowieża" styleCategories="Symbology">
  <pipe-data-defined-properties>
    <Option type="Map">
      <Option type="QString" value="" name="name"/>
      <Option name="properties"/>
      <Option type="QString" value="collection" name="type"/>
    </Option>
  </pipe-data-defined-properties>
  <pipe>
    <provider>
      <resampling zoomedOutResamplingMethod="nearestNeighbour" enabled="false" maxOversampling="2" zoomedInResamplingMethod="nearestNeighbour"/>
    </provider>
    <rasterrenderer band="1" type="singlebandpseudocolor" opacity="1" nodataColor="" classificationMin="0" classificationMax="1" alphaBand="-1">
      <minMaxOrigin>
        <limits>None</limits>
        <extent>WholeRaster</extent>
        <statAccuracy>Estimated</statAccuracy>
        <cumulativeCutLower>0.02</cumulativeCutLower>
        <cumulativeCutUpper>0.98</cumulativeCutUpper>
        <stdDevFactor>2</stdDevFactor>
      </minMaxOrigin>
      <rastershader>
        <colorrampshader classificationMode="1" maximumValue="1" labelPrecision="6" minimumValue="0" clip="0" colorRampType="INTERPOLATED">
          <colorramp type="gradient" name="[source]">
            <Option type="Map">
              <Option type="QString" value="68,1,84,255" name="color1"/>
              <Option type="QString" value="253,231,37,255" name="color2"/>
              <Option type="QString" value="0" name="discrete"/>
              <Option type="QString" value="gradient" name="rampType"/>
              <Option type="QString" value="0.125;71,44,124,255:0.25;59,82,139,255:0.375;44,114,142,255:0.5;33,144,141,255:0.625;40,174,128,255:0.75;93,201,99,255:0.875;171,220,50,255" name="stops"/>
            </Option>
            <prop k="color1" v="68,1,84,255"/>
            <prop k="color2" v="253,231,37,255"/>
            <prop k="discrete" v="0"/>
            <prop k="rampType" v="gradient"/>
            <prop k="stops" v="0.125;71,44,124,255:0.25;59,82,139,255:0.375;44,114,142,255:0.5;33,144,141,255:0.625;40,174,128,255:0.75;93,201,99,255:0.875;171,220,50,255"/>
          </colorramp>
          <item alpha="255" value="0" color="#440154" label="0"/>
          <item alpha="255" value="0.125" color="#472c7c" label="0.125"/>
          <item alpha="255" value="0.25" color="#3b528b" label="0.25"/>
          <item alpha="255" value="0.375" color="#2c728e" label="0.375"/>
          <item alpha="255" value="0.5" color="#21908d" label="0.5"/>
          <item alpha="255" value="0.625" color="#28ae80" label="0.625"/>
          <item alpha="255" value="0.75" color="#5dc963" label="0.75"/>
          <item alpha="255" value="0.875" color="#abdc32" label="0.875"/>
          <item alpha="255" value="1" color="#fde725" label="1"/>
          <rampLegendSettings maximumLabel="" suffix="" direction="0" prefix="" useContinuousLegend="1" orientation="2" minimumLabel="">
            <numericFormat id="basic">
              <Option type="Map">
                <Option type="QChar" value="" name="decimal_separator"/>
                <Option type="int" value="6" name="decimals"/>
                <Option type="int" value="0" name="rounding_type"/>
                <Option type="bool" value="false" name="show_plus"/>
                <Option type="bool" value="true" name="show_thousand_separator"/>
                <Option type="bool" value="false" name="show_trailing_zeros"/>
                <Option type="QChar" value="" name="thousand_separator"/>
              </Option>
            </numericFormat>
          </rampLegendSettings>
        </colorrampshader>
      </rastershader>
    </rasterrenderer>
    <brightnesscontrast brightness="0" contrast="0" gamma="1"/>
    <huesaturation colorizeGreen="128" colorizeOn="0" colorizeRed="255" colorizeBlue="128" invertColors="0" grayscaleMode="0" saturation="0" colorizeStrength="100"/>
    <rasterresampler maxOversampling="2"/>
    <resamplingStage>resamplingFilter</resamplingStage>
  </pipe>
  <blendMode>0</blendMode>
</qgis>
